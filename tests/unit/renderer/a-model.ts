import type { Model } from '@shared/domain/model';

/** A whole model of the cache that nobody uses. */
export function aModel(changes: Partial<Model>): Model {
  return {
    ref: 'org/Some-4bit',
    name: 'org/Some-4bit',
    path: '/hub/models--org--Some-4bit',
    sizeBytes: 4.6e9,
    complete: true,
    state: 'complete',
    hubRef: 'org/Some-4bit',
    usedBy: [],
    unused: true,
    origin: 'huggingface',
    ...changes,
  };
}

/** The same without a place that it could be fetched from again. */
export function aLocalModel(changes: Partial<Model>): Model {
  const { hubRef: _, ...model } = aModel({ origin: 'folder', folder: '/models', ...changes });
  return model;
}
