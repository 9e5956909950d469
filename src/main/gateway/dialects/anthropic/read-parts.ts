/** Content blocks that say the same in any message: text, images, documents, search results. */
import type { Part } from '../../conversation/conversation';
import { badField } from '../../conversation/refusal';
import {
  type Fields,
  isGiven,
  type Note,
  optional,
  readArray,
  readName,
  readObject,
  readString,
  shown,
} from './fields';

/** What reading a block needs to know of its request. */
export interface PartReading {
  readonly note: Note;
  /**
   * Whether whoever asks is an agent with tools: it is told in place of a file that the file cannot be read and finds
   * another way, where a program without tools would take an answer made up without the file for a true one.
   */
  readonly hasTools: boolean;
}

/** The blocks of a content. A string is one block of text, so that both forms of a message read the same. */
export function contentBlocks(content: unknown, at: string): readonly Fields[] {
  if (!isGiven(content)) return [];
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  if (!Array.isArray(content)) {
    throw badField(at, `${at} must be a string or an array of blocks, not ${shown(content)}.`);
  }
  return content.map((block, index) => readObject(block, `${at}.${index}`));
}

/** The parts that a block of a user or of a tool says; `other` names the types that its place has beside these. */
export function readPart(
  block: Fields,
  at: string,
  reading: PartReading,
  other: readonly string[] = [],
): readonly Part[] {
  switch (block.type) {
    case 'text':
      return textParts(readString(block.text, `${at}.text`));
    case 'image':
      return readImage(block, at, reading);
    case 'document':
      return readDocument(block, at, reading);
    case 'search_result':
      return readSearchResult(block, at);
    case 'container_upload':
      return unreadable('a file of a container', at, reading);
    default: {
      const allowed = ['text', 'image', 'document', 'search_result', ...other].join(', ');
      throw badField(
        `${at}.type`,
        `${at}.type ${shown(block.type)} is not known here. Known are: ${allowed}.`,
      );
    }
  }
}

/** No part for no text: an empty block says as little as an empty string. */
export function textParts(text: string): readonly Part[] {
  return text === '' ? [] : [{ kind: 'text', text }];
}

function readImage(block: Fields, at: string, reading: PartReading): readonly Part[] {
  const from = `${at}.source`;
  const source = readObject(block.source, from);
  switch (source.type) {
    case 'base64': {
      const type = readName(source.media_type, `${from}.media_type`);
      if (!/^image\/[\w.+-]+$/.test(type)) {
        throw badField(
          `${from}.media_type`,
          `${from}.media_type must be a type of image such as image/png, not ${shown(type)}.`,
        );
      }
      const data = readName(source.data, `${from}.data`);
      return [{ kind: 'image', url: `data:${type};base64,${data}` }];
    }
    case 'url': {
      const url = readName(source.url, `${from}.url`);
      if (/^(https:\/\/|data:image\/)/i.test(url)) return [{ kind: 'image', url }];
      throw badField(
        `${from}.url`,
        `${from}.url must begin with https:// or data:image/, not ${shown(url)}.`,
      );
    }
    case 'file':
      return unreadable('an image of the Files API', at, reading);
    default:
      throw unknownSource(source.type, from, ['base64', 'url']);
  }
}

function readDocument(block: Fields, at: string, reading: PartReading): readonly Part[] {
  const from = `${at}.source`;
  const source = readObject(block.source, from);
  const heading = [
    optional(block.title, (title) => `Title: ${readString(title, `${at}.title`)}`),
    optional(block.context, (context) => readString(context, `${at}.context`)),
  ];
  switch (source.type) {
    case 'text':
      return enclosed('document', heading, textParts(readString(source.data, `${from}.data`)));
    case 'content': {
      const blocks = contentBlocks(source.content, `${from}.content`);
      const parts = blocks.flatMap((part, index) =>
        readPart(part, `${from}.content.${index}`, reading),
      );
      return enclosed('document', heading, parts);
    }
    case 'base64':
    case 'url':
      return unreadable('a PDF document', at, reading);
    case 'file':
      return unreadable('a document of the Files API', at, reading);
    default:
      throw unknownSource(source.type, from, ['text', 'content']);
  }
}

function readSearchResult(block: Fields, at: string): readonly Part[] {
  const heading = [
    `Title: ${readString(block.title, `${at}.title`)}`,
    `Source: ${readString(block.source, `${at}.source`)}`,
  ];
  const content = readArray(block.content, `${at}.content`);
  const parts = content.flatMap((value, index) => {
    const where = `${at}.content.${index}`;
    return textParts(readString(readObject(value, where).text, `${where}.text`));
  });
  return enclosed('search_result', heading, parts);
}

/** Between tags of its own, so that a document's end and the question behind it stay apart. */
function enclosed(
  tag: string,
  heading: readonly (string | undefined)[],
  parts: readonly Part[],
): readonly Part[] {
  const lines = [`<${tag}>`, ...heading.filter((line) => line !== undefined)];
  return [...textParts(`${lines.join('\n')}\n`), ...parts, ...textParts(`\n</${tag}>\n`)];
}

function unreadable(what: string, at: string, { note, hasTools }: PartReading): readonly Part[] {
  if (!hasTools) {
    throw badField(
      at,
      `${at} is ${what}, which cannot be read here. Send its text, or images of its pages.`,
    );
  }
  note(`${what} at ${at} (became a line that says so)`);
  return textParts(`[Attached here: ${what}, which this model cannot read.]`);
}

function unknownSource(type: unknown, at: string, allowed: readonly string[]): Error {
  const known = allowed.join(' or ');
  return badField(`${at}.type`, `${at}.type must be ${known}, not ${shown(type)}.`);
}
