import type { Speaker } from '../conversation/speaker';
import { writerOf } from '../conversation/writer-of';
import { messagesAnswer, messagesWriter, readMessages } from '../dialects/anthropic';
import { refuserOf } from './refusers';

/** Clients of Anthropic's `messages`. */
export const messagesSpeaker: Speaker = {
  dialect: 'anthropic',
  operation: 'messages',
  isEnginesOwn: false,
  understand(body) {
    const conversation = readMessages(body);
    const { model, isStream } = conversation;
    return {
      conversation,
      form: {
        ...{ model, isStream, wantsUsage: true },
        stream: (context) => writerOf(messagesWriter, context),
        whole: messagesAnswer,
      },
    };
  },
  refuse: refuserOf('anthropic'),
};
