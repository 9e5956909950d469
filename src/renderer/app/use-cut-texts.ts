import { useEffect } from 'react';

/** How far up from what the pointer is on something may be that cuts it. */
const LEVELS = 4;

function isCut(element: Element): boolean {
  const { textOverflow, webkitLineClamp } = getComputedStyle(element);
  if (webkitLineClamp !== 'none') return element.scrollHeight > element.clientHeight;
  return textOverflow === 'ellipsis' && element.scrollWidth > element.clientWidth;
}

/**
 * Text that ends in an ellipsis says all of itself when it is pointed at, wherever it stands: names have no limit, and
 * no screen has to think of it. What has a title of its own keeps it.
 */
export function useCutTexts(): void {
  useEffect(() => {
    const ours = new WeakSet<Element>();
    const tell = ({ target }: PointerEvent): void => {
      let at = target instanceof Element ? target : null;
      for (let level = 0; at && level < LEVELS; level += 1, at = at.parentElement) {
        if (ours.has(at)) at.removeAttribute('title');
        if (!isCut(at) || at.closest('[title]')) continue;
        at.setAttribute('title', at.textContent ?? '');
        ours.add(at);
        return;
      }
    };
    document.addEventListener('pointerover', tell);
    return () => document.removeEventListener('pointerover', tell);
  }, []);
}
