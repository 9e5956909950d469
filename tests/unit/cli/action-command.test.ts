import { actionCommand } from '@cli/terminal/action-command';
import { EVERY_ACTION } from '@fixtures/every-action';
import { makeAction } from '@shared/errors/action';
import { expect, it } from 'vitest';

it.each(Object.values(EVERY_ACTION))('$id is said as a command or in its own words', (action) => {
  const command = actionCommand(action, 'My Demo');
  expect(command.length).toBeGreaterThan(0);
  expect(command).not.toContain('undefined');
});

it('names the profile as a shell reads it, or leaves its place open', () => {
  expect(actionCommand(makeAction('next_port', { port: 10241 }), 'My Demo')).toBe(
    "mlx-manager profile edit 'My Demo' --port 10241",
  );
  expect(actionCommand(makeAction('safe_mode'))).toBe('mlx-manager start NAME --safe-mode');
  const port = makeAction('edit_options', { purpose: 'port', profile: 'Demo' });
  expect(actionCommand(port)).toBe('mlx-manager profile edit Demo --port N');
});

it('fetches a model that has a name, and looks for a folder', () => {
  expect(actionCommand(makeAction('open_models', { ref: 'org/model' }))).toBe(
    'mlx-manager pull org/model',
  );
  expect(actionCommand(makeAction('open_models', { ref: '/models/x' }))).toContain('model list');
});

it('mends the installation that is broken, where it is known which one that is', () => {
  expect(actionCommand(EVERY_ACTION.reinstall_engine)).toBe('mlx-manager engine reinstall i1');
  expect(actionCommand(makeAction('reinstall_engine', { engine: 'mlx-lm' }))).toBe(
    'mlx-manager engine install mlx-lm',
  );
});
