/**
 * Ends the process with this code; never resolves. The only caller of `process.exit`: in the desktop application
 * it returns (Electron maps it to `app.exit`, which ends the process a little later), and what stands after it
 * would be carried out.
 */
export function endProcess(code: number): Promise<never> {
  process.exit(code);
  return new Promise<never>(() => undefined);
}
