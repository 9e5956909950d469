import { type Refusal, RequestRefused } from '@gateway/conversation/refusal';

/** The refusal that a call throws; any other outcome fails the test. */
export function refusalOf(call: () => unknown): Refusal {
  try {
    call();
  } catch (error) {
    if (error instanceof RequestRefused) return error.refusal;
    throw error;
  }
  throw new Error('Nothing was refused.');
}
