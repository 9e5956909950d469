import { fieldSentence } from '@renderer/text/field-text';
import { expect, it } from 'vitest';

it.each([
  ['must be a whole number from 1 to 8', 'Enter a whole number from 1 to 8.'],
  ['must be from 1 to 8', 'Enter a number from 1 to 8.'],
  ['must be one of: 4, 8', 'Choose one of: 4, 8.'],
  ['must be at least 5 seconds', 'Enter at least 5 seconds.'],
  ['must be the absolute path of a program', 'Enter the absolute path of a program.'],
  ['must have 1 to 80 characters', 'Enter 1 to 80 characters.'],
  ['must look like 2GB or 500MB', 'Enter a value such as 2GB or 500MB.'],
  ['must be given', 'Enter a value.'],
  ['needs a value, not true', 'Enter a value.'],
  ['must not contain NUL', 'Remove NUL.'],
  ['must name each kind once', 'This must name each kind once.'],
])('“%s” becomes what to enter', (rule, sentence) => {
  expect(fieldSentence({ message: `parallelDownloads ${rule}.`, rule })).toBe(sentence);
});

it('a sentence of another kind stays as it is', () => {
  const message = 'Port 8080 is used by the profile Demo.';
  expect(fieldSentence({ message })).toBe(message);
});

it('asks for a model where none is chosen', () => {
  const rule = 'must not be empty';
  expect(fieldSentence({ field: 'model', message: `model ${rule}.`, rule })).toBe(
    'Choose a model.',
  );
});
