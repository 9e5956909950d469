export { LogService } from './log-service';
export type { RunLog } from './run-log';
