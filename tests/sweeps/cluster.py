"""A Slurm of two nodes on this machine, which needs neither root nor munge."""

import getpass
import os
import shutil
import socket
import subprocess
import time
from pathlib import Path

CONF = """
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/none
CredType=cred/none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
ReturnToService=2
MpiDefault=none
KillWait=5
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
SchedulerParameters=sched_interval=2,batch_sched_delay=0
MaxArraySize=100
SlurmctldPort={ctld}
StateSaveLocation={folder}/state
SlurmctldPidFile={folder}/ctld.pid
SlurmctldLogFile={folder}/ctld.log
SlurmdPidFile={folder}/%n.pid
SlurmdSpoolDir={folder}/%n
SlurmdLogFile={folder}/%n.log
NodeName=n1 NodeHostname={host} NodeAddr=127.0.0.1 Port={n1} CPUs=8 RealMemory=2000
NodeName=n2 NodeHostname={host} NodeAddr=127.0.0.1 Port={n2} CPUs=8 RealMemory=2000
PartitionName=low Nodes=n1,n2 Default=YES PriorityTier=1 MaxTime=60
PartitionName=high Nodes=n1,n2 PriorityTier=9 MaxTime=60
"""


def missing() -> list[str]:
    return [name for name in ("slurmctld", "slurmd", "sbatch") if not shutil.which(name)]


def free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for opened in sockets:
        opened.bind(("127.0.0.1", 0))
    ports = [opened.getsockname()[1] for opened in sockets]
    for opened in sockets:
        opened.close()
    return ports


class Slurm:
    """Running from `start` to `stop`, whose processes are ended by their ids."""

    def __init__(self, folder: Path) -> None:
        ctld, n1, n2 = free_ports(3)
        (folder / "state").mkdir(parents=True)
        self.conf = folder / "slurm.conf"
        names = {"host": socket.gethostname(), "user": getpass.getuser(), "folder": folder}
        self.conf.write_text(CONF.format(ctld=ctld, n1=n1, n2=n2, **names))
        self.daemons: list[subprocess.Popen[bytes]] = []

    @property
    def environment(self) -> dict[str, str]:
        return {"SLURM_CONF": str(self.conf)}

    def start(self) -> None:
        """Returns once both nodes take jobs."""
        for command in (["slurmctld"], ["slurmd", "-N", "n1"], ["slurmd", "-N", "n2"]):
            self.daemons.append(
                subprocess.Popen(
                    [*command, "-D", "-f", str(self.conf)],
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
            )
        end = time.monotonic() + 60
        while self.run("sinfo", "--noheader", "--format=%t %D", check=False) != "idle 2":
            assert time.monotonic() < end, self.run("sinfo", check=False)
            time.sleep(0.2)

    def stop(self) -> None:
        self.run("scancel", "--me", check=False)
        for daemon in reversed(self.daemons):
            daemon.terminate()
            daemon.wait(30)

    def run(self, *command: str, check: bool = True) -> str:
        """What `command` prints; of a partition named twice, the first line."""
        env = os.environ | self.environment
        done = subprocess.run(command, env=env, check=check, capture_output=True, text=True)
        return "\n".join(dict.fromkeys(done.stdout.strip().splitlines()))
