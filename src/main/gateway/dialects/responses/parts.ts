import type { Part } from '../../conversation/conversation';
import { badField } from '../../conversation/refusal';
import { asFields, type Fields, neededString, optionalString, shown, under } from './fields';

const TEXTS = new Set(['input_text', 'output_text', 'text', 'summary_text', 'reasoning_text']);

/** Reads the content of a message or the output of a tool: a text, or an array of parts. */
export function readParts(value: unknown, at: string): readonly Part[] {
  if (typeof value === 'string') return [{ kind: 'text', text: value }];
  // An assistant's message that only calls tools may come without.
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) {
    throw badField(at, `${at} must be a string or an array of parts; got ${shown(value)}.`);
  }
  return value.map((part, index) => {
    const inside = `${at}[${index}]`;
    return readPart(asFields(part, inside), inside);
  });
}

function readPart(part: Fields, at: string): Part {
  const type = neededString(part, 'type', at);
  if (TEXTS.has(type)) return { kind: 'text', text: optionalString(part, 'text', at) ?? '' };
  if (type === 'refusal') return { kind: 'text', text: optionalString(part, 'refusal', at) ?? '' };
  if (type === 'input_image') return readImage(part, at);
  if (type === 'input_audio') {
    const inside = under(at, 'input_audio');
    const audio = asFields(part.input_audio, inside);
    return {
      kind: 'audio',
      data: neededString(audio, 'data', inside),
      format: neededString(audio, 'format', inside),
    };
  }
  if (type === 'input_file') {
    throw badField(at, `${at} is a file, which no model here can read. Send its text instead.`);
  }
  throw badField(
    under(at, 'type'),
    `${at}.type must be input_text, output_text, refusal, input_image or input_audio; got ${shown(type)}.`,
  );
}

function readImage(part: Fields, at: string): Part {
  if (typeof part.file_id === 'string' && !part.image_url) {
    throw badField(
      under(at, 'file_id'),
      `${at}.file_id names a file, but no files are kept here. Send image_url with a data: address instead.`,
    );
  }
  const url = neededString(part, 'image_url', at);
  if (/^(data:|https:\/\/)/i.test(url)) return { kind: 'image', url };
  throw badField(
    under(at, 'image_url'),
    `${at}.image_url must be a data: or an https: address; got ${shown(url)}.`,
  );
}
