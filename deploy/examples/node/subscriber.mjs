// Prints what becomes of exports: node subscriber.mjs SUBSCRIPTION
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { PubSub } from '@google-cloud/pubsub';

// The file remembers which events were handled, since Pub/Sub may deliver an
// event twice.
const file = 'handled.txt';
const handled = new Set(existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []);

function handle({ attributes, data }) {
  if (handled.has(attributes['ce-id'])) return;
  switch (attributes['ce-type']) {
    case 'eeexport.operation.succeeded.v1':
      console.log('ready:', attributes.asset);
      break;
    case 'eeexport.operation.failed.v1':
      console.log('failed:', attributes.asset, JSON.parse(data).error?.message ?? attributes.reason);
      break;
  }
  appendFileSync(file, attributes['ce-id'] + '\n');
  handled.add(attributes['ce-id']);
}

new PubSub().subscription(process.argv[2], { flowControl: { maxMessages: 1 } })
  .on('message', (message) => {
    try {
      handle(message);
      message.ack();
    } catch (error) {
      console.error(error);
      message.nack(); // it comes again
    }
  })
  .on('error', (error) => { throw error; });
