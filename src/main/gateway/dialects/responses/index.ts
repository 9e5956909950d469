/** The Responses dialect of OpenAI, towards clients. */
export { responsesAnswer } from './answer';
export type { InputItemsPage, InputItemsQuery } from './input-items';
export {
  type LookUp,
  type ResponsesRequest,
  readConversation,
  readResponses,
  type StoredHistory,
  type StoredItem,
} from './read';
export type { ResponseFacts, ResponsesState } from './state';
export { ResponseStore, STORE_BOUNDS, type StoreBounds } from './store';
export type { ToolNames } from './tool-names';
export type { OutputItem, ResponseObject, ResponsesEvent } from './wire';
export { finishedResponse, responsesWriter } from './write';
