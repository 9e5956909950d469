/** A string, which stays as it is, or a number that Python writes and JSON does not know. */
const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\bInfinity\b|\bNaN\b/g;
/** JSON has no infinite numbers, but a number that is too large is read as one. */
const AS_JSON: Readonly<Record<string, string>> = {
  Infinity: '1e999',
  '-Infinity': '-1e999',
  NaN: 'null',
};

/**
 * Parses JSON as Python's `json` module does, which writes and reads the files of models: it knows `NaN`,
 * `Infinity` and `-Infinity`. Nothing else of it is laxer than JSON (tried with 3.11).
 * @throws SyntaxError
 */
export function parsePythonJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const mended = text.replaceAll(STRING_OR_NUMBER, (found) => AS_JSON[found] ?? found);
    if (mended === text) throw error;
    return JSON.parse(mended);
  }
}
