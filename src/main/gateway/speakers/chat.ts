import type { AnswerForm, Speaker } from '../conversation/speaker';
import { writerOf } from '../conversation/writer-of';
import type { TextCompletion } from '../dialects/chat/completion';
import { readChat } from '../dialects/chat/read';
import { chatAnswer, chatWriter, completionAnswer, completionWriter } from '../dialects/chat/write';
import { refuserOf } from './refusers';

/** Clients of `chat/completions`. */
export const chatSpeaker: Speaker = {
  dialect: 'openai',
  operation: 'chat',
  isEnginesOwn: true,
  understand(body) {
    const conversation = readChat(body);
    const { model, isStream, wantsUsage } = conversation;
    return {
      conversation,
      form: {
        ...{ model, isStream, wantsUsage },
        stream: (context) => writerOf(chatWriter, context),
        whole: chatAnswer,
      },
    };
  },
  refuse: refuserOf('openai'),
};

/** How a text completion is answered. */
export function completionForm({ model, isStream, wantsUsage }: TextCompletion): AnswerForm {
  return {
    ...{ model, isStream, wantsUsage },
    stream: (context) => writerOf(completionWriter, context),
    whole: completionAnswer,
  };
}
