"""The writer's lock serves in order and gives up in time."""

import threading
import time

from vestibule.store.fifo import FifoLock


def test_waiters_are_served_in_the_order_they_came() -> None:
    lock, served = FifoLock(), []
    lock.acquire(1)

    def wait(name: int) -> None:
        lock.acquire(60)
        served.append(name)
        lock.release()

    threads = []
    for name in range(5):
        threads.append(threading.Thread(target=wait, args=(name,)))
        threads[-1].start()
        while len(lock._waiting) <= name:
            time.sleep(0.001)
    lock.release()
    for thread in threads:
        thread.join()
    assert served == [0, 1, 2, 3, 4]


def test_a_waiter_that_gave_up_is_passed_over() -> None:
    lock = FifoLock()
    assert lock.acquire(0)
    assert not lock.acquire(0.01)
    lock.release()
    assert lock.acquire(0)
