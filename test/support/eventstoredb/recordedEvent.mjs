// Events as answers of the Read call.
import { identifierOf, shared, streams } from './protocol.mjs';

const { ReadResp } = streams;
const { ReadEvent } = ReadResp;

export function eventAnswer(event) {
  const position = String(event.position);
  const record = new ReadEvent.RecordedEvent()
    .setId(new shared.UUID().setString(event.id))
    .setStreamIdentifier(identifierOf(event.stream))
    .setStreamRevision(String(event.revision))
    .setCommitPosition(position)
    .setPreparePosition(position)
    .setData(event.data)
    .setCustomMetadata(event.metadata);
  record.getMetadataMap().set('type', event.type).set('content-type', event.contentType).set('created', event.created);
  return new ReadResp().setEvent(new ReadEvent().setEvent(record).setCommitPosition(position));
}

export const confirmationAnswer = (id) =>
  new ReadResp().setConfirmation(new ReadResp.SubscriptionConfirmation().setSubscriptionId(id));

export const checkpointAnswer = (position) =>
  new ReadResp().setCheckpoint(
    new ReadResp.Checkpoint().setCommitPosition(String(position)).setPreparePosition(String(position)),
  );

export const caughtUpAnswer = () => new ReadResp().setCaughtUp(new ReadResp.CaughtUp());

export const notFoundAnswer = (stream) =>
  new ReadResp().setStreamNotFound(new ReadResp.StreamNotFound().setStreamIdentifier(identifierOf(stream)));
