import { DOWNLOADS } from '@core/downloads/download-record';
import { Outcome } from '@core/servers/launch/outcome-records';
import { recoverDocument } from '@core/storage/document-recovery';
import { StoredPostMortem } from '@shared/domain/post-mortem';
import { describe, expect, it } from 'vitest';

const postMortem = (failure: object) => ({
  run: 3,
  time: '2026-11-23T10:00:00.000Z',
  failure,
  engine: 'mlx-lm',
  wasReady: true,
  exit: 'exit code 1',
  argv: ['mlx_lm.server'],
});

const evidence = [{ label: 'Exit', text: 'exit code 1' }];

describe('a failure that another version has kept', () => {
  it('of a run: the sentence stays, an action or a code that is not known here does not', () => {
    const kept = postMortem({
      code: 'out_of_memory',
      message: 'No memory.',
      action: { id: 'edit_options', label: 'Lower the memory it needs' },
      evidence,
    });
    expect(StoredPostMortem.parse(kept).failure).toEqual({
      code: 'out_of_memory',
      message: 'No memory.',
      action: undefined,
      evidence,
    });
    const newer = postMortem({
      code: 'struck_by_lightning',
      message: 'Lightning.',
      action: { id: 'wait', label: 'Wait', params: { hours: 3 } },
      evidence: [],
      weather: 'bad',
    });
    expect(StoredPostMortem.parse(newer).failure).toEqual({
      code: 'exited',
      message: 'Lightning.',
      action: undefined,
      evidence: [],
    });
  });

  it('of a server that had failed when an earlier manager ended', () => {
    const failure = { code: 'struck_by_lightning', message: 'Lightning.', action: { id: 'wait' } };
    const kept = { profileId: 'p1', since: 1, restarts: 2, failure };
    expect(Outcome.parse({ ...kept, incident: { at: 1, failure, times: 3 } })).toMatchObject({
      failure: { code: 'exited', message: 'Lightning.', evidence: [] },
      incident: { failure: { message: 'Lightning.' } },
    });
  });

  it('of a download: an older one has no evidence, and its fix is kept where it is one still', () => {
    const record = (id: string, failure: object) => ({
      ...{ id, ref: 'org/model', revision: 'main', state: 'failed', bytes: 1, total: 2 },
      files: { total: 1, verified: 0 },
      addedAt: '2026-11-23T10:00:00.000Z',
      failure,
    });
    const text = JSON.stringify({
      version: 1,
      downloads: [
        record('00000001', {
          code: 'disk_full',
          message: 'Full.',
          action: { id: 'free_space', label: 'Free space in Models' },
          shortBytes: 7,
        }),
        record('00000002', {
          code: 'gone_fishing',
          message: 'Gone.',
          action: { id: 'fish', label: 'Fish' },
          shortBytes: 'some',
        }),
      ],
    });
    const read = recoverDocument(text, DOWNLOADS);
    expect(read).toMatchObject({ kind: 'read', repairs: [] });
    expect(read.value.downloads).toMatchObject([
      {
        failure: {
          code: 'disk_full',
          message: 'Full.',
          action: { id: 'free_space', label: 'Free space in Models' },
          evidence: [],
          shortBytes: 7,
        },
      },
      { failure: { code: 'internal', message: 'Gone.', evidence: [] } },
    ]);
    const [, second] = read.value.downloads as { failure: { action?: unknown } }[];
    expect(second?.failure.action).toBeUndefined();
  });
});
