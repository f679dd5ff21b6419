"""The real RabbitMQ that tests run on: `ANSINH_TEST_AMQP_URL`, else one on 127.0.0.1."""

import os

from tools.prepare_broker import DEFAULT_URL, answers

NO_BROKER = "no RabbitMQ answers (ANSINH_TEST_AMQP_URL names one)"


def broker_url() -> str:
    return os.environ.get("ANSINH_TEST_AMQP_URL", DEFAULT_URL)


def broker_answers() -> bool:
    return answers(broker_url())
