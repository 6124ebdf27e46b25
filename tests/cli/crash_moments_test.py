#!/usr/bin/env python3
"""kill -9 at moments drawn from a seed, half of them between the first COMMIT and the ledger's last word: status tells
the truth, run --resume completes, rollback restores. GODWIT_TEST_SEED draws other moments."""
import unittest

from crashed_runs import BEFORE, BETWEEN, UNPLANNED, CrashedRuns, Held, disagreements


class Moments(CrashedRuns):
    def test_ten_are_resumed_and_rolled_back_three_only_rolled_back(self):
        resumed, only_rolled_back = [BEFORE] * 5 + [BETWEEN] * 5, [UNPLANNED, BEFORE, BETWEEN]
        # One that had no plan yet gives way to a new run.
        moments = [(within, True) for within in [*resumed, UNPLANNED]] + [(within, False) for within in only_rolled_back]
        self.addCleanup(lambda: print(f"seed {self.seed}: {dict(self.places)}, {self.missed} drawn again", flush=True))
        for number, (within, resume) in enumerate(moments):
            with self.subTest(within=within, number=number, seed=self.seed):
                self.moment(within, str(number), resume)
        self.assertEqual(sum(self.places.values()), len(moments))


class TheComparison(unittest.TestCase):
    """What compares status with the servers finds every lie."""

    held = {"people": Held("committed", "7"), "health": Held("prepared", "8"), "scores": Held("", "")}

    @staticmethod
    def told(status, **stores):
        return {"status": status, "stores": [{"store": store, "state": state, "transaction_id": transaction}
                                             for store, (state, transaction) in stores.items()]}

    def assert_found(self, told, *words, held=None, finished=False):
        found = "\n".join(disagreements(told, held or self.held, finished))
        for word in words:
            self.assertIn(word, found)
        self.assertEqual(bool(found), bool(words), found)

    def test_it_finds_what_is_not_so(self):
        self.assert_found(self.told("partial", people=("committed", "7"), health=("prepared", "8"), scores=("abandoned", "")))
        self.assert_found(self.told("partial", people=("committed", "6"), health=("prepared", "8")), "people is committed by 7")
        self.assert_found(self.told("partial", people=("committed", "7"), health=("committed", "8")), "health is prepared")
        self.assert_found(self.told("partial", people=("committed", "7")), "health is prepared")
        self.assert_found(self.told("partial", people=("committed", "7"), health=("prepared", "8"), scores=("committed", "9")), "scores holds nothing")
        for status in ["planned", "committing", "committed", "completed", "rolled_back"]:
            self.assert_found(self.told(status, people=("committed", "7"), health=("prepared", "8")), f"told to be {status}")

    def test_it_finds_a_run_that_is_told_to_be_further_or_less_far(self):
        nothing = dict.fromkeys(self.held, Held("", ""))
        whole = dict.fromkeys(self.held, Held("committed", "7"))
        stores = dict.fromkeys(self.held, ("committed", "7"))
        for status in ["partial", "committed", "verified", "completed", "rolled_back"]:
            self.assert_found(self.told(status), f"told to be {status}", held=nothing)
        self.assert_found(self.told("partial", **stores), "told to be partial", held=whole)
        self.assert_found(self.told("completed", **stores), "told to be completed", held=whole)
        self.assert_found(self.told("completed", **stores), held=whole, finished=True)
        self.assert_found(self.told("committed", **stores), "told to be committed", held=whole, finished=True)


class MomentsOfASharedLedger(CrashedRuns):
    """The same with the ledger on PostgreSQL."""

    shared_ledger = True

    def test_one_of_each_kind(self):
        self.addCleanup(lambda: print(f"seed {self.seed}: {dict(self.places)}, {self.missed} drawn again", flush=True))
        for number, within in enumerate([BEFORE, BETWEEN]):
            with self.subTest(within=within, number=number, seed=self.seed):
                self.moment(within, f"shared/{number}", True)
        self.assertEqual(sum(self.places.values()), 2)


if __name__ == "__main__":
    unittest.main()
