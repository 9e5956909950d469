import type { DownloadFailure } from '@shared/domain/download';
import { DomainError } from '@shared/errors';

/** Why a download failed, as views are told. */
export function describeFailure(error: unknown): DownloadFailure {
  if (!(error instanceof DomainError)) {
    return { code: 'internal', message: `It ended by a mistake of ours: ${String(error)}.` };
  }
  const data: { shortBytes?: unknown } = Object(error.data);
  const { action } = error;
  return {
    code: error.code,
    message: error.message,
    ...(action === undefined
      ? {}
      : { action: { id: action.id, label: action.label, ...withParams(action.params) } }),
    ...(typeof data.shortBytes === 'number' ? { shortBytes: data.shortBytes } : {}),
  };
}

function withParams(params: Readonly<Record<string, string | number | boolean>> | undefined) {
  return params === undefined ? {} : { params: { ...params } };
}
