/** Which rank wrote the line; undefined where nothing tells, for the launcher mixes their outputs. */
export function rankOfLine(text: string): number | undefined {
  const named = /(?:Node with rank|\[ring\] Rank) (\d+)/.exec(text)?.[1];
  if (named !== undefined) return Number(named);
  // Rank 0 alone answers HTTP.
  return /Starting httpd at |"(?:GET|POST|OPTIONS) \/\S* HTTP\/1\.[01]" \d/.test(text)
    ? 0
    : undefined;
}
