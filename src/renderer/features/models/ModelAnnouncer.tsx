import { useEffect, useRef, useState } from 'react';

import { shortName } from '@renderer/text/model-text';
import type { Model, VerifyJob } from '@shared/domain/model';
import { formatCount } from '@shared/format/counts';
import { modelStateWord } from './ModelState';

/** More than this at once is said as a number: nobody listens to forty names. */
const NAMED = 3;

function modelNews(before: readonly Model[], now: readonly Model[]): string[] {
  const earlier = new Map(before.map((model) => [model.ref, model]));
  const later = new Set(now.map(({ ref }) => ref));
  const news = [
    ...now.flatMap((model) => {
      const known = earlier.get(model.ref);
      if (known?.state === model.state) return [];
      const word = modelStateWord(model);
      return [`${shortName(model)}: ${known ? word : `new, ${word.toLowerCase()}`}`];
    }),
    ...before.flatMap((model) => (later.has(model.ref) ? [] : [`${shortName(model)}: gone`])),
  ];
  return news.length > NAMED ? [`${formatCount(news.length, 'model')} changed`] : news;
}

function jobNews(before: readonly VerifyJob[], now: readonly VerifyJob[]): string[] {
  const running = new Set(before.flatMap(({ ref, state }) => (state === 'running' ? [ref] : [])));
  return now.flatMap(({ ref, name, state, bad, files, failure }) => {
    if (!running.has(ref) || state === 'running') return [];
    if (state === 'failed') return [`${name} couldn't be verified: ${failure?.message ?? ''}`];
    if (state === 'cancelled') return [`${name}: verification canceled`];
    if (bad.length === 0) return [`${name}: ${files.done} of ${files.total} files verified`];
    return [`${name}: ${formatCount(bad.length, 'damaged file')}`];
  });
}

interface ModelAnnouncerProps {
  readonly models: readonly Model[] | undefined;
  readonly jobs: readonly VerifyJob[];
}

/** Tells a screen reader what appears, changes and goes, and what a verification found. */
export function ModelAnnouncer({ models, jobs }: ModelAnnouncerProps) {
  const [text, setText] = useState('');
  const before = useRef({ models, jobs });
  useEffect(() => {
    const earlier = before.current;
    before.current = { models, jobs };
    const news = [
      ...jobNews(earlier.jobs, jobs),
      ...(earlier.models && models ? modelNews(earlier.models, models) : []),
    ];
    if (news.length > 0) setText(news.join('. '));
  }, [models, jobs]);
  return (
    <div aria-live="polite" className="sr-only">
      {text}
    </div>
  );
}
