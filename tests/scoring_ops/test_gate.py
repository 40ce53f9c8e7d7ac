"""The gate: first come, first served; a cancelled call leaves its place to the next one."""

import asyncio

from scoring_ops.gate import Gate
from scoring_ops.throttle import Sent, Throttle


def test_calls_go_in_the_order_in_which_they_came_and_never_too_many_at_once() -> None:
    async def scene() -> None:
        gate, went, most = Gate(Throttle(3)), list[int](), 0

        async def call(number: int) -> None:
            nonlocal most
            sent = await gate.enter()
            went.append(number)
            most = max(most, gate.throttle.in_flight)
            await asyncio.sleep(0)
            gate.accepted(sent)

        await asyncio.gather(*(call(number) for number in range(20)))
        assert went == list(range(20))
        assert most == 3
        assert gate.throttle.in_flight == 0

    asyncio.run(scene())


def test_a_call_cancelled_while_it_waits_or_at_the_very_moment_it_may_go_takes_no_place() -> None:
    async def scene() -> None:
        gate = Gate(Throttle(1))
        first = await gate.enter()
        waiting = [asyncio.create_task(gate.enter()) for _ in range(3)]
        await asyncio.sleep(0)
        waiting[0].cancel()
        gate.accepted(first)  # gives the place to the second, which is cancelled before it wakes
        waiting[1].cancel()
        sent = await waiting[2]
        assert isinstance(sent, Sent)
        gate.failed()
        assert gate.throttle.in_flight == 0

    asyncio.run(scene())


def test_a_closed_gate_opens_by_itself_when_its_time_has_come() -> None:
    async def scene() -> None:
        gate = Gate(Throttle(4))
        gate.overloaded(await gate.enter(), retry_after=0.05)
        began = asyncio.get_running_loop().time()
        await gate.enter()
        assert asyncio.get_running_loop().time() - began >= 0.045

    asyncio.run(scene())


def test_of_two_gates_the_one_with_more_room_has_the_lower_load() -> None:
    async def scene() -> None:
        busy, idle = Gate(Throttle(4)), Gate(Throttle(4))
        await busy.enter()
        assert idle.load < busy.load

    asyncio.run(scene())
