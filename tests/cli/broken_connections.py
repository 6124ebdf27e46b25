"""Runs over three stores that lose their servers, or the way to them, at a named point; and what must hold afterwards."""
import os
import pathlib
import signal

from crashed_runs import CrashedRuns

DONE, FAILED, PARTIAL, UNREACHABLE, IN_DOUBT = 0, 1, 4, 5, 8


class BrokenConnections(CrashedRuns):
    """The program is suspended at a point of the commit protocol, something breaks, and it goes on."""

    def suspended_at(self, point, *arguments):
        process = self.start({"GODWIT_TEST_SUSPEND_AT": point}, *(arguments or ("run", "district", "district-001")))
        self.addCleanup(self.end, process)
        state = os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
        self.assertEqual(state.si_code, os.CLD_STOPPED, f"{point} was not reached: {self.said()}")
        return process

    def goes_on(self, process):
        """To its end: the exit code."""
        process.send_signal(signal.SIGCONT)
        return process.wait(timeout=120)

    @staticmethod
    def end(process):
        if process.poll() is None:
            process.kill()
            process.wait()

    def said(self):
        return pathlib.Path(self.folder, "stderr.txt").read_text()

    def assert_recovers(self, run, resume):
        """What status tells is so; then the run is completed or not, and rolled back."""
        self.wait_for_sessions_to_end()
        self.assert_truth(run)
        if resume:
            run = self.resumed(run)  # another one, when it had no plan yet
        self.rolled_back(run)
        type(self).clean = True
