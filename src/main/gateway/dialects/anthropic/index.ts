export { messagesAnswer } from './answer';
export { countAnswer } from './count';
export { readCountTokens, readMessages } from './read';
export { anthropicRefusal, type RefusalAnswer } from './refusal';
export { type MessageStream, messagesWriter } from './write';
