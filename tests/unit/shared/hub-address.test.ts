import { hubNameIn } from '@shared/domain/hub-address';
import { expect, test } from 'vitest';

test.each([
  ['https://huggingface.co/org/Name-4bit', { ref: 'org/Name-4bit' }],
  [' https://huggingface.co/org/name/ ', { ref: 'org/name' }],
  ['https://huggingface.co/org/name/tree/main', { ref: 'org/name', revision: 'main' }],
  [
    'https://huggingface.co/org/name/tree/refs%2Fpr%2F1',
    { ref: 'org/name', revision: 'refs/pr/1' },
  ],
  [
    'https://huggingface.co/org/name/blob/v1/config.json?x=1#L3',
    { ref: 'org/name', revision: 'v1' },
  ],
  ['huggingface.co/org/name?show_file_info=x', { ref: 'org/name' }],
  ['hf.co/org/name', { ref: 'org/name' }],
  ['hf://org/name', { ref: 'org/name' }],
  ['http://mirror.example:8080/org/name/discussions', { ref: 'org/name' }],
])('%s is a model', (text, name) => {
  expect(hubNameIn(text)).toEqual(name);
});

test.each([
  'org/name',
  'qwen',
  'https://huggingface.co/org',
  'https://huggingface.co/datasets/org/name',
  'https://',
  '',
])('"%s" is none', (text) => {
  expect(hubNameIn(text)).toBeUndefined();
});
