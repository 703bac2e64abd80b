locals {
  # One row per chart, in the order of the page: two to a line.
  charts = [
    { title = "Requests by outcome, a minute", filter = "${local.on_run} AND ${local.outcomes}", aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM", by = ["metric.label.outcome"] },
    { title = "Answers by function and class, a second", filter = "${local.on_service} AND ${local.answers}", aligner = "ALIGN_RATE", reducer = "REDUCE_SUM", by = ["resource.label.service_name", "metric.label.response_code_class"] },
    { title = "Latency, 95th percentile, ms", filter = "${local.on_service} AND ${local.latencies}", aligner = "ALIGN_PERCENTILE_95", reducer = "REDUCE_MAX", by = ["resource.label.service_name"] },
    { title = "Instances", filter = "${local.on_service} AND ${local.instances}", aligner = "ALIGN_MAX", reducer = "REDUCE_SUM", by = ["resource.label.service_name"] },
    { title = "Requests waiting", filter = "${local.on_requests} AND ${local.undelivered}", aligner = "ALIGN_MAX", reducer = "REDUCE_MAX", by = ["resource.label.subscription_id"] },
    { title = "Oldest request, seconds", filter = "${local.on_requests} AND ${local.oldest}", aligner = "ALIGN_MAX", reducer = "REDUCE_MAX", by = ["resource.label.subscription_id"] },
    { title = "Exports under way", filter = "${local.on_pending} AND ${local.undelivered}", aligner = "ALIGN_MAX", reducer = "REDUCE_MAX", by = ["resource.label.subscription_id"] },
    { title = "Oldest export under way, seconds", filter = "${local.on_pending} AND ${local.oldest}", aligner = "ALIGN_MAX", reducer = "REDUCE_MAX", by = ["resource.label.subscription_id"] },
    { title = "Failed requests waiting", filter = "${local.on_failures} AND ${local.undelivered}", aligner = "ALIGN_MAX", reducer = "REDUCE_MAX", by = ["resource.label.subscription_id"] },
    { title = "Dead letters waiting", filter = "${local.on_dead} AND ${local.undelivered}", aligner = "ALIGN_MAX", reducer = "REDUCE_MAX", by = ["resource.label.subscription_id"] },
    { title = "Ticks of the watcher that had errors, a minute", filter = "${local.on_run} AND ${local.tick_errors}", aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM", by = ["resource.label.service_name"] },
    { title = "Publishes by topic, a minute", filter = "${local.on_topic} AND ${local.publishes}", aligner = "ALIGN_DELTA", reducer = "REDUCE_SUM", by = ["resource.label.topic_id"] },
  ]

  # The sum of a distribution can be had with PromQL alone. Its name of a metric
  # has no dashes.
  eecu_query = "sum by (project, workload_tag) (increase(logging_googleapis_com:user_${replace(google_logging_metric.eecu_seconds.name, "-", "_")}_sum{monitored_resource=\"cloud_run_revision\"}[1d])) / 3600"
}

resource "google_monitoring_dashboard" "this" {
  project = var.project

  dashboard_json = jsonencode({
    displayName = "${var.name}: exports of Earth Engine classifiers"
    mosaicLayout = {
      columns = 48
      tiles = concat(
        [for i, chart in local.charts : {
          xPos   = i % 2 * 24
          yPos   = floor(i / 2) * 16
          width  = 24
          height = 16
          widget = {
            title = chart.title
            xyChart = {
              dataSets = [{
                plotType   = "LINE"
                targetAxis = "Y1"
                timeSeriesQuery = {
                  timeSeriesFilter = {
                    filter = chart.filter
                    aggregation = {
                      alignmentPeriod    = "60s"
                      perSeriesAligner   = chart.aligner
                      crossSeriesReducer = chart.reducer
                      groupByFields      = chart.by
                    }
                  }
                }
              }]
            }
          }
        }],
        [{
          xPos   = 0
          yPos   = ceil(length(local.charts) / 2) * 16
          width  = 48
          height = 16
          widget = {
            title = "Earth Engine compute of ended exports by project and workload tag, EECU-hours in a day"
            xyChart = {
              dataSets = [{
                plotType        = "LINE"
                targetAxis      = "Y1"
                timeSeriesQuery = { prometheusQuery = local.eecu_query }
              }]
            }
          }
        }],
        [{
          xPos   = 0
          yPos   = (ceil(length(local.charts) / 2) + 1) * 16
          width  = 48
          height = 24
          widget = {
            title = "What did not succeed: which request, which Operation, why"
            logsPanel = {
              resourceNames = ["projects/${data.google_project.this.number}"]
              filter        = "resource.type=\"cloud_run_revision\"\nresource.labels.service_name=~\"^${var.name}-(http|webhook|event|watcher)$\"\nseverity>=WARNING"
            }
          }
        }],
      )
    }
  })

  depends_on = [time_sleep.settled]
}
