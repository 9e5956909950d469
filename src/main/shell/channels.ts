/** The channels between window and manager; src/preload/index.ts has the same names, and imports nothing. */
export const CHANNELS = {
  request: 'mlx:request',
  event: 'mlx:event',
  /** The number of the newest event that the page has taken. */
  taken: 'mlx:taken',
  command: 'mlx:command',
} as const;
