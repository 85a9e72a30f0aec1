"""What operators watch."""

from prometheus_client.parser import text_string_to_metric_families

from teahouse.platform.metrics import Metrics


def values_of(metrics: Metrics) -> dict[tuple[str, ...], float]:
    families = text_string_to_metric_families(metrics.text().decode())
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in families
        for sample in family.samples
    }


def test_what_was_counted_is_in_the_text() -> None:
    metrics = Metrics()
    for status in (200, 200, 404):
        metrics.count_request(method="GET", route="/sync", status=status, seconds=0.2)
    metrics.count_group(3, 0.004)
    metrics.count_job("push.notify", "failed")
    metrics.set_queue_length(17)
    metrics.set_job_count("dead", 2)
    metrics.set_bus_connected(connected=True)

    values = values_of(metrics)
    assert values["teahouse_answers_total", "/sync", "200"] == 2
    assert values["teahouse_answers_total", "/sync", "404"] == 1
    assert values["teahouse_request_seconds_count", "/sync", "GET"] == 3
    assert values["teahouse_request_seconds_bucket", "/sync", "0.1", "GET"] == 0
    assert values["teahouse_request_seconds_bucket", "/sync", "0.25", "GET"] == 3
    assert values["teahouse_db_group_size_sum",] == 3
    assert values["teahouse_job_tries_total", "failed", "push.notify"] == 1
    assert values["teahouse_db_queue_length",] == 17
    assert values["teahouse_jobs", "dead"] == 2
    assert values["teahouse_bus_connected",] == 1


def test_two_servers_in_one_process_count_apart() -> None:
    one, other = Metrics(), Metrics()
    one.count_group(5, 0.001)
    assert values_of(one)["teahouse_db_group_size_sum",] == 5
    assert values_of(other)["teahouse_db_group_size_sum",] == 0
