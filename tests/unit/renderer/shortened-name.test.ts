import { nameParts } from '@renderer/components/ShortenedName';
import { expect, it } from 'vitest';

it('keeps the end that tells a long name from others; a short one stays as it is', () => {
  expect(nameParts('Qwen3-Coder-30B-A3B-Instruct-4bit')).toEqual([
    'Qwen3-Coder-30B-A3B-Instruct',
    '-4bit',
  ]);
  expect(nameParts('a-name-that-ends-with-one-very-long-word')).toEqual([
    'a-name-that-ends-with-one-very-long',
    '-word',
  ]);
  expect(nameParts('onelongwordwithoutanydash')?.[1]).toBe('nydash');
  expect(nameParts('phi-4-4bit')).toBeUndefined();
});

it('leaves other scripts whole: their letters are joined', () => {
  expect(nameParts('نموذج-لغوي-كبير-باللغة-العربية-4bit')).toBeUndefined();
});
