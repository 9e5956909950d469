/** Where a page of parts is scrolled to; pixels, tops from the beginning of the content. */
export interface ScrollPlace {
  readonly tops: readonly number[];
  readonly scrollTop: number;
  readonly viewHeight: number;
  readonly contentHeight: number;
}

/**
 * Which part a reader is at. The line that decides moves down the view as the page is scrolled, from its
 * top edge at the beginning to its bottom edge at the end: so each part has its turn, also the last
 * ones, which can never reach the top.
 */
export function currentPart({ tops, scrollTop, viewHeight, contentHeight }: ScrollPlace): number {
  const way = contentHeight - viewHeight;
  const share = way > 0 ? Math.min(1, Math.max(0, scrollTop / way)) : 0;
  const line = scrollTop + viewHeight * share;
  return Math.max(
    0,
    tops.findLastIndex((top) => top <= line),
  );
}
