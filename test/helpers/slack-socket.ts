import { randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Payload } from './slack-events.ts';

/** Slack's side of socket mode (docs.slack.dev/apis/events-api/using-socket-mode): hello, envelopes, and their acknowledgements. */
export function openSocketMode() {
  const sockets = new WebSocketServer({ noServer: true });
  const acknowledged = new EventEmitter();
  let current: WebSocket | undefined;

  sockets.on('connection', (socket) => {
    current = socket;
    socket.on('message', (data) => {
      const { envelope_id: id } = JSON.parse(String(data)) as { envelope_id: string };
      acknowledged.emit(id);
    });
    socket.send(
      JSON.stringify({ type: 'hello', num_connections: 1, connection_info: { app_id: 'A0APP0001' } }),
    );
  });

  return {
    upgrade: (request: IncomingMessage, stream: Duplex, head: Buffer) =>
      sockets.handleUpgrade(request, stream, head, (socket) => sockets.emit('connection', socket, request)),
    /** Sends an envelope; resolves with 200 when the app has acknowledged it. */
    async deliver({ type, body }: Payload): Promise<number> {
      const id = randomUUID();
      const answered = once(acknowledged, id);
      current!.send(
        JSON.stringify({
          envelope_id: id,
          type,
          payload: body,
          accepts_response_payload: type !== 'events_api',
        }),
      );
      await answered;
      return 200;
    },
    connected: () => current !== undefined,
    /** The connection is cut. */
    hangUp() {
      current!.terminate();
      current = undefined;
    },
    close() {
      for (const socket of sockets.clients) socket.terminate();
      sockets.close();
    },
  };
}
