import { z } from 'zod';

/** A file or folder of this machine. The limit is Linux's PATH_MAX. */
export const AbsolutePath = z
  .string()
  .max(4096)
  .startsWith('/', 'must be an absolute path, such as /Users/me/models')
  .refine((path) => !path.includes('\0'), { error: 'must not contain NUL' });
