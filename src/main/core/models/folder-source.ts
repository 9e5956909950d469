import { open, readFile } from 'node:fs/promises';

import type { FileEdges, ModelSource } from '../verdict/model-source';
import type { FileFacts } from './disk';
import type { ModelFile } from './model-files';
import type { WeightsCheck } from './weights-check';

const MAX_TEXT_BYTES = 64_000_000;
const START_BYTES = 512;
const END_BYTES = 64;

/** A model in a folder of this disk. What is closed to us or goes away meanwhile is not known. */
export function folderSource(files: readonly ModelFile[], check: WeightsCheck): ModelSource {
  const facts = new Map(files.map((file) => [file.name, file.facts]));
  const look = async <T>(
    name: string,
    read: (file: FileFacts) => Promise<T>,
  ): Promise<T | undefined> => {
    const file = facts.get(name);
    return file && read(file);
  };
  return {
    isHere: true,
    files: files.map(({ name, facts: one }) => ({ name, size: one?.size })),
    text: (name) => look(name, readText),
    edges: (name) => look(name, readEdges),
    header: (name) => look(name, (file) => check.read(file)),
    tensors: (name) => look(name, (file) => check.tensors(file)),
  };
}

export async function readText({ file, size }: FileFacts): Promise<string | undefined> {
  return size > MAX_TEXT_BYTES ? undefined : readFile(file, 'utf8').catch(() => undefined);
}

async function readEdges({ file, size }: FileFacts): Promise<FileEdges | undefined> {
  const handle = await open(file, 'r').catch(() => undefined);
  if (!handle) return undefined;
  try {
    const start = Buffer.alloc(Math.min(size, START_BYTES));
    const end = Buffer.alloc(Math.min(size, END_BYTES));
    await handle.read(start, 0, start.length, 0);
    await handle.read(end, 0, end.length, size - end.length);
    return { start: start.toString('utf8'), end: end.toString('utf8') };
  } catch {
    return undefined;
  } finally {
    await handle.close();
  }
}
