import { FAILURE_CODES, type FailureCode } from './index';
import { failureLabel } from './failure-label';

const PROJECT = 'https://github.com/mlx-manager/mlx-manager';
/** Where the guide stands in the project. */
export const GUIDE = 'docs/guide/troubleshooting.md';

/** The part of the guide about a failure: its heading is what the failure is called. */
export function troubleshootingUrl(code: FailureCode): string {
  return `${PROJECT}/blob/main/${GUIDE}#${headingAnchor(failureLabel(code))}`;
}

/** The anchor that GitHub makes of a heading. */
export function headingAnchor(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^a-z0-9 -]/g, '')
    .replaceAll(' ', '-');
}

/** Whether the guide has a part about this code: errors of requests have none. */
export function isFailureCode(code: unknown): code is FailureCode {
  return FAILURE_CODES.some((one) => one === code);
}
