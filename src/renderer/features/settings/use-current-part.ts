import { type RefObject, useEffect, useRef, useState } from 'react';

import { currentPart } from './current-part';

interface CurrentPart {
  readonly current: string | undefined;
  /** Brings a part into view; it is the current one until the person scrolls on. */
  readonly show: (id: string) => void;
}

const partsOf = (body: HTMLElement): HTMLElement[] => [
  ...body.querySelectorAll<HTMLElement>('[data-part]'),
];

/** Which part of a scrolling page is in front; `ids` are the parts there are now, in order. */
export function useCurrentPart(
  body: RefObject<HTMLElement | null>,
  ids: readonly string[],
): CurrentPart {
  const [current, setCurrent] = useState(ids[0]);
  /** Where `show` scrolled to, to tell its own scroll event from one by the person. */
  const shownAt = useRef<number>(undefined);
  const there = ids.join(' ');
  // biome-ignore lint/correctness/useExhaustiveDependencies: other parts stand at other heights
  useEffect(() => {
    const element = body.current;
    if (!element) return;
    const follow = (): void => {
      if (shownAt.current === element.scrollTop) return;
      shownAt.current = undefined;
      const parts = partsOf(element);
      const origin = element.getBoundingClientRect().top - element.scrollTop;
      const index = currentPart({
        tops: parts.map((part) => part.getBoundingClientRect().top - origin),
        scrollTop: element.scrollTop,
        viewHeight: element.clientHeight,
        contentHeight: element.scrollHeight,
      });
      setCurrent(parts[index]?.dataset.part);
    };
    follow();
    element.addEventListener('scroll', follow, { passive: true });
    return () => element.removeEventListener('scroll', follow);
  }, [body, there]);
  return {
    current,
    show: (id) => {
      const element = body.current;
      if (!element) return;
      partsOf(element)
        .find((part) => part.dataset.part === id)
        ?.scrollIntoView({ block: 'start' });
      shownAt.current = element.scrollTop;
      setCurrent(id);
    },
  };
}
