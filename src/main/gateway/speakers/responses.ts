import type { AnswerForm, Speaker } from '../conversation/speaker';
import {
  finishedResponse,
  type ResponseObject,
  type ResponseStore,
  readResponses,
  responsesAnswer,
  responsesWriter,
} from '../dialects/responses';
import { refuserOf } from './refusers';

/** Clients of OpenAI's `responses`, whose answers are kept in the store. */
export function responsesSpeaker(store: ResponseStore): Speaker {
  return {
    dialect: 'responses',
    operation: 'responses',
    isEnginesOwn: false,
    understand(body, owner) {
      const request = readResponses(body, store.lookUp(owner));
      const { conversation, tools, echo } = request;
      let response: ResponseObject | undefined;
      const form: AnswerForm = {
        model: conversation.model,
        isStream: conversation.isStream,
        wantsUsage: true,
        stream(context) {
          const writer = responsesWriter({ tools, echo });
          let state = writer.begin(context);
          return {
            write(event) {
              const step = writer.write(state, event);
              state = step.state;
              return step.text;
            },
            beat() {
              const step = writer.beat(state);
              state = step.state;
              return step.text;
            },
            end() {
              response = finishedResponse(state);
              return writer.end(state);
            },
          };
        },
        whole(context, answer) {
          response = responsesAnswer(context, answer, { tools, echo });
          return response;
        },
        keep() {
          if (response) store.keep(owner, request, response);
        },
      };
      return { conversation, form };
    },
    refuse: refuserOf('responses'),
  };
}
