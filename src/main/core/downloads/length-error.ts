/** The server's file has another length than the hub's list says. */
export class LengthError extends Error {
  constructor(path: string, size: number | string, promised: number) {
    super(`${path} has ${size} bytes instead of ${promised}`);
    this.name = 'LengthError';
  }
}
