import {
  engineCannotRun,
  engineMissing,
  modelIncomplete,
  modelMissing,
  programMissing,
} from '@core/failures/plan-failures';
import { portTaken } from '@core/failures/port-taken';
import { usualAction } from '@core/failures/failure';
import type { Installation } from '@shared/domain/engine';
import type { Model } from '@shared/domain/model';
import { FAILURE_CODES } from '@shared/errors';
import { makeAction } from '@shared/errors/action';
import { describe, expect, it } from 'vitest';

const any = { engine: 'mlx-lm', installation: null } as const;
const pinned = { engine: 'mlx-lm', installation: 'i1' } as const;
const broken: Installation = {
  id: 'i1',
  engine: 'mlx-lm',
  version: '0.32.2',
  path: '/engines/i1',
  state: 'broken',
  inUse: true,
  sizeBytes: 1,
  origin: 'managed',
  problem: 'It gave no token.',
};

describe('an installation that cannot run', () => {
  it('of ours is built again under its id', () => {
    expect(engineCannotRun(broken)).toEqual({
      code: 'engine_broken',
      message: "mlx-lm 0.32.2 can't run. It gave no token.",
      action: makeAction('reinstall_engine', {
        engine: 'mlx-lm',
        version: '0.32.2',
        installationId: 'i1',
      }),
      evidence: [{ label: 'Installation', text: '/engines/i1' }],
    });
  });

  it('of the person is theirs to repair: an installation of ours would not mend it', () => {
    const own: Installation = { ...broken, origin: 'registered', command: '/opt/mlx' };
    const failed = engineCannotRun(own);
    expect(failed.action).toEqual(
      makeAction('repair_environment', { engine: 'mlx-lm', installationId: 'i1' }),
    );
    expect(failed.evidence).toEqual([{ label: 'Installation', text: '/opt/mlx' }]);
  });

  it('that is gone from the list is replaced in the profile that is pinned to it', () => {
    expect(engineMissing(pinned).action).toEqual(
      makeAction('edit_options', { field: 'installation', purpose: 'engine' }),
    );
  });

  it('that is under way is waited for', () => {
    const installing: Installation = { ...broken, state: 'installing' };
    expect(engineCannotRun(installing).action).toEqual(
      makeAction('open_engines', { engine: 'mlx-lm', purpose: 'follow' }),
    );
  });
});

it('what is missing is named, and where it is found', () => {
  expect(engineMissing(any).action).toEqual(
    makeAction('open_engines', { engine: 'mlx-lm', purpose: 'install' }),
  );
  expect(programMissing('/bin/mine').action).toMatchObject({ params: { field: 'custom.command' } });
  expect(modelMissing('/models/x').message).toBe("The model folder /models/x doesn't exist.");
  expect(modelMissing('org/x').action).toMatchObject({
    id: 'download_model',
    label: 'Download again',
    params: { ref: 'org/x' },
  });
  expect(modelMissing('/models/x').action).toMatchObject({ id: 'open_models' });
  const model = { ref: 'org/x', name: 'x', missing: ['a.safetensors', 'b.safetensors'] } as Model;
  expect(modelIncomplete(model).message).toBe(
    'The model x is incomplete or damaged: a.safetensors and 1 more.',
  );
});

it('a port that is taken leads to a free one', () => {
  const holder = { pid: 7, command: '/usr/bin/python3 serve.py' };
  expect(portTaken(10240, holder, 10241)).toEqual({
    code: 'port_in_use',
    message: 'Port 10240 is in use by python3 serve.py (pid 7).',
    action: makeAction('next_port', { port: 10241 }),
    evidence: [{ label: 'Holder', text: 'pid 7: /usr/bin/python3 serve.py' }],
  });
  expect(portTaken(10240, undefined).action).toEqual(makeAction('retry'));
});

it('every code has something that usually mends it, also for a program of the person', () => {
  for (const code of FAILURE_CODES) {
    for (const engine of [undefined, 'mlx-lm', 'custom']) {
      const action = usualAction(code, engine);
      expect(action.label, code).toBeTruthy();
      if (engine === 'custom') expect(JSON.stringify(action)).not.toContain('custom"');
    }
  }
});
