import type { ParserSuggestion } from '@shared/domain/parsers';
import { detectParsers, type ParserFacts } from './detect-parsers';
import { choosesByItself, engineParser } from './engine-parsers';

/** What a form proposes for a model on an engine, and why. */
export function suggestParsers(engine: string, facts: ParserFacts): ParserSuggestion[] {
  const found = detectParsers(facts);
  const kinds = [
    ['tool-call-parser', 'toolCalls'],
    ['reasoning-parser', 'reasoning'],
  ] as const;
  return kinds.flatMap(([option, what]) => {
    const detected = found[what];
    if (!detected) return [];
    const value = engineParser(engine, what, detected.family);
    return [
      {
        option,
        family: detected.family,
        evidence: detected.evidence,
        byItself: choosesByItself(engine),
        ...(value === undefined ? {} : { value }),
      },
    ];
  });
}
