import type { ProgressPattern } from './adapter';

/** What uvicorn says on its way to ready: it binds its port only when the application has loaded. */
export const UVICORN_PROGRESS: readonly ProgressPattern[] = [
  { pattern: /Waiting for application startup/, phase: 'Loading model' },
  { pattern: /Uvicorn running on /, phase: 'Checking that it answers' },
];
