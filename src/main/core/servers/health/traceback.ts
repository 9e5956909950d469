import type { LogLine } from '@shared/domain/log';

/** What Python printed about an exception. */
export interface Traceback {
  /** The exception in its own words, e.g. `ValueError: no such layer`; the last one of a chain. */
  readonly line: LogLine;
  /**
   * `main` and `thread` are ends: nobody caught it there. `request`: the server went on with the next
   * request. `logged`: the program caught it and wrote it down.
   */
  readonly where: 'main' | 'thread' | 'request' | 'logged';
  /** Name of the thread that ended. */
  readonly thread?: string;
}

/** uvicorn puts the level before it. */
const HEADER = /^(?:ERROR: {2,8})?Traceback \(most recent call last\):$/;
const THREAD = /^Exception in thread (.{1,200}?):?$/;
/**
 * Introductions of what a server or the interpreter went on from: `socketserver.handle_error` (a client
 * that went away), `asyncio` and uvicorn for a request, and what fails while Python tidies up.
 */
const HANDLED =
  /^Exception occurred during processing of request|Exception in ASGI application|^Exception ignored in|Task exception was never retrieved|^Exception in callback/;
const CHAIN =
  /^During handling of the above exception, another exception occurred:$|^The above exception was the direct cause of the following exception:$/;
const FRAME = /^ {2}File "([^"]{1,1000})", line \d+, in (.{1,200})$/;
/** The name of a class, with its module; a level of `logging` is none. */
const EXCEPTION =
  /^(?!(?:DEBUG|INFO|WARNING|ERROR|CRITICAL)\b)(?:[A-Za-z_]\w{0,60}\.){0,12}(?:[A-Z]\w{0,80}|\w{0,80}error)(?::(?: |$)|$)/;
/** Helper threads of libraries: a load goes on without them. */
const HELPERS = /auto_conversion|tqdm|TMonitor/;
/** A longer one is cut off: what comes after it is something else. */
const MAX_LINES = 400;

/** The newest exception that ended the main thread or another one; its process may live on without them. */
export function findUncaught(lines: readonly LogLine[]): Traceback | undefined {
  return findTracebacks(lines).findLast(({ where }) => where === 'main' || where === 'thread');
}

/** Whether a traceback begins in these lines. */
export function beginsTraceback(lines: readonly LogLine[]): boolean {
  return lines.some(({ text }) => HEADER.test(text));
}

/** Every traceback in these lines, in their order; one whose exception has not been printed yet is none. */
export function findTracebacks(lines: readonly LogLine[]): Traceback[] {
  const own = lines.filter(({ source, open }) => source === 'engine' && !open);
  const blocks: Block[] = [];
  for (let at = 0; at < own.length; at++) {
    const block = HEADER.test(own[at]?.text ?? '') ? readBlock(own, at) : undefined;
    if (!block) continue;
    const isChained = CHAIN.test(block.introduction);
    // A chain is one traceback: it begins with its first part, and its last exception is the one to tell.
    const first = isChained ? blocks.pop() : undefined;
    blocks.push(first ? { ...block, introduction: first.introduction } : block);
    at = block.end;
  }
  return blocks.map((block) => ({ line: block.line, ...placeOf(block) }));
}

/** From one header to its exception. */
interface Block {
  readonly introduction: string;
  readonly header: string;
  readonly outermost: { readonly file: string; readonly name: string } | undefined;
  readonly line: LogLine;
  readonly end: number;
}

function readBlock(lines: readonly LogLine[], at: number): Block | undefined {
  const [header, ...rest] = lines.slice(at, at + MAX_LINES).map(({ text }) => text);
  let outermost: Block['outermost'];
  for (const [index, text] of rest.entries()) {
    const [, file, name] = FRAME.exec(text) ?? [];
    if (file !== undefined && name !== undefined) outermost ??= { file, name };
    const line = lines[at + 1 + index];
    if (line && EXCEPTION.test(text)) {
      const introduction = introductionOf(lines, at);
      return { introduction, header: header ?? '', outermost, line, end: at + 1 + index };
    }
    // Lines of other threads may stand in between, another traceback may not.
    if (HEADER.test(text)) return undefined;
  }
  return undefined;
}

/** What stands above a traceback, empty lines left out. */
function introductionOf(lines: readonly LogLine[], at: number): string {
  return lines.slice(Math.max(0, at - 3), at).findLast(({ text }) => text !== '')?.text ?? '';
}

function placeOf(block: Block): Pick<Traceback, 'where' | 'thread'> {
  const { introduction, header, outermost } = block;
  if (HANDLED.test(introduction)) return { where: 'request' };
  const thread = THREAD.exec(introduction)?.[1];
  if (thread !== undefined)
    return HELPERS.test(thread) ? { where: 'logged' } : { where: 'thread', thread };
  const isMain = header.startsWith('Traceback') && outermost && isOfProgram(outermost);
  return { where: isMain ? 'main' : 'logged' };
}

/**
 * Whether the outermost frame is the program's own: then nobody was there to catch the exception. What is
 * caught and printed begins where it was caught, also at the top of a module of a package.
 */
function isOfProgram({ file, name }: NonNullable<Block['outermost']>): boolean {
  if (name === '_run_module_as_main') return true;
  return name === '<module>' && !/[/\\](?:site|dist)-packages[/\\]|^<string>$/.test(file);
}
