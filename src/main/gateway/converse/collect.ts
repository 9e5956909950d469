import type {
  Answer,
  StopReason,
  StreamEvent,
  StreamFailure,
  Usage,
} from '../conversation/stream-event';

/** Puts the events of an answer together, for a client that did not ask for a stream and for the record. */
export class Collector {
  readonly #text: string[] = [];
  readonly #reasoning: string[] = [];
  readonly #calls: { id: string; name: string; arguments: string }[] = [];
  #reason: StopReason | undefined;
  #stopSequence: string | undefined;
  usage: Usage | undefined;
  failure: StreamFailure | undefined;

  take(event: StreamEvent): void {
    switch (event.type) {
      case 'text':
        this.#text.push(event.text);
        break;
      case 'reasoning':
        this.#reasoning.push(event.text);
        break;
      case 'callBegun':
        this.#calls[event.index] = { id: event.id, name: event.name, arguments: '' };
        break;
      case 'callArguments': {
        const call = this.#calls[event.index];
        if (call) call.arguments += event.text;
        break;
      }
      case 'usage':
        this.usage = event.usage;
        break;
      case 'stopped':
        this.#reason = event.reason;
        this.#stopSequence = event.stopSequence;
        break;
      case 'failed':
        this.failure = event.failure;
        break;
      case 'started':
      case 'callEnded':
        break;
    }
  }

  /** Why the engine stopped; undefined while it has not. */
  get reason(): StopReason | undefined {
    return this.#reason;
  }

  answer(): Answer {
    const reasoning = this.#reasoning.join('');
    return {
      text: this.#text.join(''),
      ...(reasoning !== '' && { reasoning }),
      calls: this.#calls.filter(Boolean),
      reason: this.#reason ?? 'stop',
      stopSequence: this.#stopSequence,
      usage: this.usage,
    };
  }
}
