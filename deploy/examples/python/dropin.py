"""Makes task.start() hand exports of classifiers over to eeexport:

    import dropin  # and the script stays as it is
"""

import json
import os
import urllib.error
import urllib.request

import ee


def export_classifier(request_id, params):
    """Does what ee.data.exportClassifier does, through eeexport."""
    body = dict(params, requestId=request_id,
                expression=json.loads(params['expression'].serialize()))
    request = urllib.request.Request(
        os.environ['EEEXPORT_URL'], json.dumps(body).encode(), {
            'Content-Type': 'application/json',
            'Authorization': 'Bearer ' + os.environ.get('EEEXPORT_TOKEN', ''),
        })
    try:
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        raise ee.EEException(error.read().decode()) from error


ee.data.exportClassifier = export_classifier
