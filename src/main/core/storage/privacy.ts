import { homedir } from 'node:os';
import path from 'node:path';

/** Folders of a person that macOS opens to an application only when they allow it, and other disks (TCC). */
const GUARDED = ['Desktop', 'Documents', 'Downloads', 'Library/Mobile Documents'];

/**
 * What to do where macOS itself may keep the program out of a place, as a sentence with a space before it; '' where
 * that cannot be the reason.
 * @param code the system's name of the error.
 */
export function privacyAdvice(
  place: string,
  code: unknown,
  { platform, home }: { platform: NodeJS.Platform; home: string } = {
    platform: process.platform,
    home: homedir(),
  },
): string {
  if (platform !== 'darwin' || (code !== 'EPERM' && code !== 'EACCES')) return '';
  const guarded = [...GUARDED.map((name) => path.join(home, name)), '/Volumes'];
  const isGuarded = guarded.some((folder) => `${place}/`.startsWith(`${folder}/`));
  return isGuarded
    ? ' macOS protects this folder. Allow MLX Manager in System Settings, Privacy & Security, Files and Folders.'
    : '';
}
