import { windowTitle } from '@renderer/app/window-title';
import { expect, it } from 'vitest';

it('names what fails, what is selected, and the screen', () => {
  const title = (selected: string | undefined, ...failing: string[]) =>
    windowTitle({ screen: 'Servers', selected, failing });
  expect(title(undefined)).toBe('Servers · MLX Manager');
  expect(title('Qwen')).toBe('Qwen · Servers · MLX Manager');
  expect(title('Qwen', 'Phi')).toBe('Phi failed · Qwen · Servers · MLX Manager');
  expect(title('Phi', 'Phi')).toBe('Phi failed · Servers · MLX Manager');
  expect(title('Phi', 'Phi', 'Qwen')).toBe('2 failed · Phi · Servers · MLX Manager');
});
