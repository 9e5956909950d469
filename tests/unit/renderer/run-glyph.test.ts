import { glyphOf } from '@renderer/features/servers/logs/run-glyph';
import { expect, it } from 'vitest';

it('the run that goes on looks as its server does now, an ended one as it ended', () => {
  expect(glyphOf({ outcome: 'running' }, 'loading')).toBe('loading');
  expect(glyphOf({ outcome: 'running' }, 'degraded')).toBe('degraded');
  expect(glyphOf({ outcome: 'running' }, 'ready')).toBe('ready');
  expect(glyphOf({ outcome: 'failed' }, 'ready')).toBe('failed');
  expect(glyphOf({ outcome: 'stopped' }, 'loading')).toBe('stopped');
});
