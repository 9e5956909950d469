import { EVERY_ACTION } from '@fixtures/every-action';
import { Action as ActionSchema } from '@shared/domain/failure';
import {
  type Action,
  ACTION_IDS,
  knownAction,
  makeAction,
  shortLabel,
} from '@shared/errors/action';
import { describe, expect, expectTypeOf, it } from 'vitest';
import type { z } from 'zod';

describe('the actions', () => {
  it('have one type and one schema', () => {
    expectTypeOf<z.infer<typeof ActionSchema>>().toEqualTypeOf<Action>();
    const schemas = ActionSchema.options.map(({ def }) => def.innerType.shape.id.value);
    expect(schemas.toSorted()).toEqual(ACTION_IDS.toSorted());
  });

  it.each(Object.entries(EVERY_ACTION))(
    '%s has a label, and survives a transport',
    (id, action) => {
      expect(action.id).toBe(id);
      expect(action.label).toMatch(/^["A-Z].+[^.]$/);
      expect(action.label).not.toContain('undefined');
      expect(ActionSchema.parse(JSON.parse(JSON.stringify(action)))).toEqual(action);
    },
  );

  it('take their label from what they are about', () => {
    expect(makeAction('next_port', { port: 10241 }).label).toBe('Use port 10241 and start');
    expect(makeAction('edit_options', {}).label).toBe('Edit settings');
    expect(makeAction('edit_options', { purpose: 'model' }).label).toBe('Choose another model');
    expect(makeAction('open_engines', { purpose: 'newer' }).label).toBe('Check for a newer engine');
    expect(makeAction('reinstall_engine', { engine: 'mlx-lm' }).label).toBe('Reinstall mlx-lm');
    expect(makeAction('install_python', { platform: 'darwin' }).label).toContain('brew install uv');
  });

  it('have params only where there is something to say', () => {
    expect(makeAction('retry')).toEqual({ id: 'retry', label: 'Try again' });
    expect(ActionSchema.safeParse({ id: 'next_port', label: 'Use another port' }).success).toBe(
      false,
    );
  });

  it('are short in a row', () => {
    expect(shortLabel(makeAction('next_port', { port: 10241 }))).toBe('Use port 10241');
    expect(shortLabel(makeAction('safe_mode'))).toBe('Use less memory');
    expect(shortLabel(makeAction('open_engines', { engine: 'mlx-lm', purpose: 'newer' }))).toBe(
      'Find an update',
    );
  });

  it('of another version are left out', () => {
    const newer = { id: 'ask_a_friend', label: 'Ask a friend' } as unknown as Action;
    expect(knownAction(newer)).toBeUndefined();
    expect(knownAction({ ...newer, id: 'toString' } as unknown as Action)).toBeUndefined();
    expect(knownAction(EVERY_ACTION.retry)).toBe(EVERY_ACTION.retry);
  });
});
