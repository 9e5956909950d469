/** Part of one core that counts as work: below it, a server only idles. */
export const BUSY_CORE_SHARE = 0.05;
