"""Prints what becomes of exports: python subscriber.py PROJECT SUBSCRIPTION"""

import contextlib
import json
import logging
import sqlite3
import sys


def act(attributes, data):
    """Handles one event."""
    if attributes['ce-type'] == 'eeexport.operation.succeeded.v1':
        print('ready:', attributes['asset'], flush=True)
    elif attributes['ce-type'] == 'eeexport.operation.failed.v1':
        error = json.loads(data).get('error', {})
        print('failed:', attributes['asset'], error.get('message'), flush=True)


def handle(attributes, data):
    """Acts once for each event, although Pub/Sub may deliver it twice. If act
    fails, the event is not recorded and comes again."""
    with contextlib.closing(sqlite3.connect('handled.db', timeout=600)) as db, db:
        db.execute('CREATE TABLE IF NOT EXISTS handled (id TEXT PRIMARY KEY)')
        new = db.execute('INSERT OR IGNORE INTO handled VALUES (?)', [attributes['ce-id']])
        if new.rowcount:
            act(attributes, data)


def main(project, subscription):
    from google.cloud import pubsub_v1

    def callback(message):
        try:
            handle(message.attributes, message.data)
        except Exception:
            logging.exception('the event comes again')
            message.nack()
        else:
            message.ack()

    client = pubsub_v1.SubscriberClient()
    client.subscribe(client.subscription_path(project, subscription), callback).result()


if __name__ == '__main__':
    main(*sys.argv[1:])
